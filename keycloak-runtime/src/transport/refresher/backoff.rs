//! How long to wait between attempts.

use std::time::Duration;

/// The longest time between the beginnings of two attempts.
pub(crate) const MAX_BACKOFF: Duration = Duration::from_millis(1_500);

const FIRST: Duration = Duration::from_millis(100);

/// The time between the beginning of the failed attempt and the next one: doubled with each
/// failure in a row, capped, and between half and all of that, so that replicas that lost
/// Keycloak together do not come back together.
pub(crate) fn backoff(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(8);
    let whole = FIRST
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(MAX_BACKOFF);
    let half = whole.mul_f64(0.5);
    half.saturating_add(half.mul_f64(random_fraction()))
}

/// 0 to 1.
fn random_fraction() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness, which no machine lacks for long, the shortest pause.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_cap_and_never_beyond() {
        for failures in [1, 2, 3, 5, 8, 100, u32::MAX] {
            for _ in 0..50 {
                let pause = backoff(failures);
                assert!(pause >= FIRST / 2, "{failures}: {pause:?}");
                assert!(pause <= MAX_BACKOFF, "{failures}: {pause:?}");
            }
        }
        assert!(backoff(1) <= FIRST);
        assert!(backoff(100) >= MAX_BACKOFF / 2);
    }

    #[test]
    fn is_spread() {
        let pauses: std::collections::HashSet<_> = (0..50).map(|_| backoff(100)).collect();
        assert!(pauses.len() > 10);
    }
}
