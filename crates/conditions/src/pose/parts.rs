//! A reading's parts, to look at and to correct.

use super::PoseReading;
use crate::correct::Parts;
use crate::reading::Statement;

impl Parts for PoseReading {
    fn statements(&self) -> Vec<&Statement> {
        let people = self.people.iter().flat_map(|person| &person.statements);
        self.statements.iter().chain(people).collect()
    }

    fn statements_mut(&mut self) -> Vec<&mut Vec<Statement>> {
        let people = self.people.iter_mut().map(|person| &mut person.statements);
        std::iter::once(&mut self.statements)
            .chain(people)
            .collect()
    }
}
