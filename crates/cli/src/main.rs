//! decoupage: everything the window does, headless, and the loopback server.
fn main() {}
