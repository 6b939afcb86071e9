//! The rounds: every server once in each, in an order drawn anew.

use std::time::Duration;

use keycloak_peers::servers::{self, Settings};

use crate::{
    controls,
    load::{self, Done, Until, request},
    tokens::Tokens,
};

/// How much is measured.
pub struct Plan {
    /// How often each server has its turn.
    pub rounds: usize,
    /// How long the warm part lasts.
    pub warm: Duration,
    /// How long a server is driven before.
    pub warm_up: Duration,
    /// How many requests the cold part has, each with a token of its own.
    pub fresh_tokens: usize,
}

impl Plan {
    /// From `--rounds N`.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Self {
            rounds: 15,
            warm: Duration::from_millis(800),
            warm_up: Duration::from_millis(200),
            fresh_tokens: 16_000,
        };
        while let Some(argument) = arguments.next() {
            let "--rounds" = argument.as_str() else {
                return Err(format!("unknown argument {argument:?}"));
            };
            let rounds = arguments.next().and_then(|rounds| rounds.parse().ok());
            plan.rounds = rounds
                .filter(|rounds| *rounds > 0)
                .ok_or("--rounds takes a positive number")?;
        }
        Ok(plan)
    }
}

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Requests per second.
    pub rate: f64,
    /// Processor time of the server per request, in microseconds.
    pub cpu: f64,
    /// The share of the time that the server's processor was busy with it.
    pub busy: f64,
}

/// Both parts of one server's turn.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    pub warm: Sample,
    pub cold: Sample,
}

/// The turns of one round, in the order of [`servers::ALL`].
pub type Round = Vec<Turn>;

/// Runs them all.
pub fn run(plan: &Plan, settings: &Settings, tokens: &Tokens) -> Vec<Round> {
    let warm = vec![request("/admin", Some(&tokens.good))];
    let cold: Vec<Vec<u8>> = tokens
        .fresh
        .iter()
        .map(|token| request("/admin", Some(token)))
        .collect();
    (1..=plan.rounds)
        .map(|round| {
            let mut turns: Vec<Option<Turn>> = vec![None; servers::ALL.len()];
            for index in drawn_order(servers::ALL.len()) {
                let name = servers::ALL[index].name;
                let turn = turn(plan, name, settings, &warm, &cold);
                println!(
                    "round {round} {name}: warm {:.0}/s {:.1} us, cold {:.0}/s {:.1} us",
                    turn.warm.rate, turn.warm.cpu, turn.cold.rate, turn.cold.cpu
                );
                turns[index] = Some(turn);
            }
            turns.into_iter().flatten().collect()
        })
        .collect()
}

fn turn(plan: &Plan, name: &str, settings: &Settings, warm: &[Vec<u8>], cold: &[Vec<u8>]) -> Turn {
    let running = controls::start(name, settings, &warm[0]);
    let measure = |requests: &[Vec<u8>], until| {
        let before = running.cpu_micros();
        let done = load::run(running.address(), requests, until);
        Sample::of(&done, running.cpu_micros() - before)
    };
    load::run(running.address(), warm, Until::Elapsed(plan.warm_up));
    Turn {
        warm: measure(warm, Until::Elapsed(plan.warm)),
        cold: measure(cold, Until::Exhausted),
    }
}

impl Sample {
    fn of(done: &Done, cpu_micros: f64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 requests")]
        let requests = done.requests as f64;
        let seconds = done.elapsed.as_secs_f64();
        Self {
            rate: requests / seconds,
            cpu: cpu_micros / requests,
            busy: cpu_micros / 1e6 / seconds,
        }
    }
}

/// The numbers below `count`, shuffled.
fn drawn_order(count: usize) -> Vec<usize> {
    let mut draws = vec![0_u8; count * 8];
    aws_lc_rs::rand::fill(&mut draws).expect("randomness");
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|index| &draws[index * 8..][..8]);
    order
}
