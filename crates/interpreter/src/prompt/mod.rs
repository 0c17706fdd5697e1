//! What the short prompt asks for.
//!
//! The parser is deterministic and knows the words of the film trade and some everyday English
//! grammar. What it cannot read it keeps as it stands: [`Intent::verbatim`].

mod camera_terms;
mod clauses;
mod film;
// Word lists are kept in rows.
#[rustfmt::skip]
pub(crate) mod lexicon;
mod nouns;
mod parse;
mod predicates;
mod tags;
mod terms;
pub(crate) mod token;
pub(crate) mod verbs;

use decoupage_conditions::camera::MoveKind;
use decoupage_conditions::pose::ActionKind;

pub(crate) use nouns::mass as mass_noun;
pub use parse::parse;
pub use token::Span;
pub(crate) use token::squeeze;
pub(crate) use verbs::present;

/// What a prompt asks for, each part with its place in the prompt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intent {
    /// Whether something new is described or a change is asked for.
    pub edit: Option<EditRequest>,
    /// The prompt could not be read (another language, no words known): it is kept as it is,
    /// its white space made even.
    pub verbatim: Option<String>,
    /// Who and what is named, in order.
    pub subjects: Vec<Subject>,
    /// What happens, sentence by sentence, in order.
    pub clauses: Vec<Clause>,
    /// Where it happens.
    pub places: Vec<Place>,
    /// Times of day.
    pub times: Vec<Term>,
    /// Weather and season.
    pub weather: Vec<Term>,
    /// Camera terms.
    pub camera: Vec<CameraTerm>,
    /// Terms of style.
    pub style: Vec<StyleTerm>,
    /// What must not be there.
    pub negations: Vec<Negation>,
    /// Fragments that are none of the above; they are kept in the words of the prompt.
    pub other: Vec<Term>,
}

impl Intent {
    /// Whether the prompt has no words.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// The subject with this index.
    pub fn subject(&self, index: usize) -> Option<&Subject> {
        self.subjects.get(index)
    }
}

/// Words of the prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// The words, ready to stand inside a sentence.
    pub text: String,
    /// The term within them, lower case ("dusk" of "on a warm dusk").
    pub key: String,
    /// Where they stand.
    pub span: Span,
}

/// A request to change what is already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRequest {
    /// What kind of change.
    pub kind: EditKind,
    /// The request as it stands, without its full stop.
    pub text: String,
    /// What is added, changed or removed.
    pub target: String,
    /// Where it stands.
    pub span: Span,
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// Something is added.
    Add,
    /// Something is changed.
    Modify,
    /// Something is removed.
    Remove,
}

/// A pronoun to stand for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pronoun {
    /// she, her
    She,
    /// he, his
    He,
    /// they, their
    They,
    /// it, its
    It,
}

impl Pronoun {
    /// she, he, they, it
    pub fn subject(self) -> &'static str {
        match self {
            Self::She => "she",
            Self::He => "he",
            Self::They => "they",
            Self::It => "it",
        }
    }
    /// her, him, them, it
    pub fn object(self) -> &'static str {
        match self {
            Self::She => "her",
            Self::He => "him",
            Self::They => "them",
            Self::It => "it",
        }
    }
    /// her, his, their, its
    pub fn possessive(self) -> &'static str {
        match self {
            Self::She => "her",
            Self::He => "his",
            Self::They => "their",
            Self::It => "its",
        }
    }
}

/// Someone or something that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// As named, with its attributes, ready to stand inside a sentence ("a woman in a red coat").
    pub text: String,
    /// The head noun or the name ("woman", "Mara").
    pub head: String,
    /// Where it stands.
    pub span: Span,
    /// Whether several are meant.
    pub plural: bool,
    /// How many, where a number is said.
    pub count: Option<u32>,
    /// Whether it is a person, an animal or another being.
    pub being: bool,
    /// Whether it is a name and takes no article.
    pub proper: bool,
    /// The pronoun the prompt allows for it.
    pub pronoun: Option<Pronoun>,
    /// The subject it belongs to or is acted on by ("her dog").
    pub with: Option<usize>,
}

/// One thing that happens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clause {
    /// Which sentence of the prompt it stands in.
    pub sentence: usize,
    /// What joins it to the clause before: "", ",", "and", "while", …
    pub joiner: String,
    /// The subject, by index.
    pub subject: Option<usize>,
    /// The subject's words here; empty where it is shared with the clause before.
    pub subject_text: String,
    /// Adverbs between subject and verb.
    pub adverb: String,
    /// The verb in the present tense, auxiliaries included.
    pub verb: String,
    /// Its base form, where it is known.
    pub base: String,
    /// What follows the verb.
    pub rest: String,
    /// What a pose clip would call it.
    pub pose: Option<ActionKind>,
    /// Which way it crosses the frame, if it says.
    pub heading: Option<Heading>,
    /// Whether it is denied ("does not move").
    pub negated: bool,
    /// Where it stands.
    pub span: Span,
}

/// A direction across the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// Towards the left edge.
    Left,
    /// Towards the right edge.
    Right,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its preposition ("past"), or nothing.
    pub preposition: String,
    /// The place itself ("market stalls").
    pub text: String,
    /// The head noun.
    pub head: String,
    /// Whether it stands in a clause, so that the clause's words already name it.
    pub in_clause: bool,
    /// Where it stands.
    pub span: Span,
}

/// A term of camera work.
#[derive(Debug, Clone, PartialEq)]
pub struct CameraTerm {
    /// The words of the prompt.
    pub text: String,
    /// Where they stand.
    pub span: Span,
    /// What is asked for.
    pub wish: CameraWish,
}

/// What a camera term asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum CameraWish {
    /// A move.
    Move {
        /// The moves of a path that fulfil it.
        kinds: Vec<MoveKind>,
        /// How to say it of the camera ("slowly pushes in on her face").
        says: String,
    },
    /// No move.
    Static,
    /// Held by hand.
    Handheld,
    /// Held steadily.
    Steady,
    /// A framing ("medium close-up").
    Framing,
    /// An angle ("low angle").
    Angle,
    /// A lens or focus term.
    Lens,
    /// Slow motion, time-lapse.
    Speed,
}

/// A term of style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleTerm {
    /// The words of the prompt.
    pub text: String,
    /// Where they stand.
    pub span: Span,
    /// What kind of term.
    pub kind: StyleKind,
}

/// The kind of a style term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StyleKind {
    /// Light.
    Light,
    /// Colour.
    Colour,
    /// Medium, film stock.
    Medium,
    /// Genre and mood.
    Mood,
}

/// Something that must not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negation {
    /// The words of the prompt ("no people").
    pub text: String,
    /// What is denied ("people").
    pub what: String,
    /// Whether it is about the camera.
    pub camera: bool,
    /// Where it stands.
    pub span: Span,
}
