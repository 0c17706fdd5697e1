//! A reading's parts, to look at and to correct.

use super::IdentityReading;
use crate::correct::Parts;
use crate::reading::Statement;

impl Parts for IdentityReading {
    fn statements(&self) -> Vec<&Statement> {
        self.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.statements]
    }
}
