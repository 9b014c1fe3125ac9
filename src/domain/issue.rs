//! One stored issue row to one published issue, with every coercion of reference 3.6.
