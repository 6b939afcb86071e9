//! The one way to write an event.

/// Writes the event of this row of [`names`](super::names): its name is in the metadata and in the
/// field `event`. Texts of others are a [`Foreign`](crate::base::foreign::Foreign) in the fields.
///
/// Fields are made only where a subscriber wants the event. `WARN if condition, else DEBUG` is for
/// events that are loud now and then only.
macro_rules! emit {
    (WARN if $loud:expr, else DEBUG, $($rest:tt)+) => {
        if $loud {
            $crate::telemetry::emit!(WARN, $($rest)+)
        } else {
            $crate::telemetry::emit!(DEBUG, $($rest)+)
        }
    };
    ($level:ident, $target:literal, $event:ident, $($rest:tt)+) => {
        tracing::event!(
            name: $crate::telemetry::names::$event.name,
            target: $target,
            tracing::Level::$level,
            event = $crate::telemetry::names::$event.name,
            $($rest)+
        )
    };
}

pub(crate) use emit;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::telemetry::names;

    #[test]
    fn the_table_of_the_documentation_has_every_event_once() {
        let docs = include_str!("mod.rs");
        let mut seen = HashSet::new();
        for event in names::EVENTS {
            assert!(seen.insert(event.name), "{} twice", event.name);
            let quoted = format!("`{}`", event.name);
            let rows = docs.lines().filter(|line| line.starts_with("//! | "));
            let rows = rows.filter(|row| row.contains(&quoted)).count();
            assert_eq!(rows, 1, "{}", event.name);
        }
    }
}
