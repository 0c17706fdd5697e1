//! An identity picture in a local model's words.

use decoupage_app::api::JobEnd;
use decoupage_app::{Core, Request};
use decoupage_conditions::Reading;
use decoupage_shot::Outcome;

use crate::arguments::Describe;
use crate::correct::condition_of;
use crate::print;
use crate::projects::{open, shot_of, unexpected};

pub(crate) fn run(core: &Core, arguments: &Describe) -> Outcome<()> {
    let view = open(core, &arguments.project)?;
    let condition = condition_of(shot_of(&view, arguments.shot)?, &arguments.condition)?;
    let request = Request::Describe {
        condition: condition.id,
        model: arguments.model.clone(),
    };
    let JobEnd::Reading { reading, .. } = core.run(request, |_| {})? else {
        return Err(unexpected());
    };
    if arguments.json {
        return print::json(&reading);
    }
    if let Reading::Identity(identity) = *reading
        && let Some(described) = identity.described
    {
        println!("{} ({})", described.text, described.model);
    }
    Ok(())
}
