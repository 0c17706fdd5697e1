//! A reading's parts, to look at and to correct.

use super::DepthReading;
use crate::correct::Parts;
use crate::reading::Statement;

impl Parts for DepthReading {
    fn statements(&self) -> Vec<&Statement> {
        self.statements.iter().collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        vec![&mut self.statements]
    }
}
