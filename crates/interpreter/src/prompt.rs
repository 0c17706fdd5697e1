//! What the short prompt asks for.
