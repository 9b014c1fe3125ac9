//! Where spec-kitty finds the project: `locate_project_root` (reference 3.1 paragraph 2, 1.C).
