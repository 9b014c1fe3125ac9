//! The request body, byte for byte as `json.dumps(..., ensure_ascii=False, separators=(",", ":"))` writes it
//! (contract: the eleven fields in order; reference 41-42).
