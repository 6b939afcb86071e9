//! `NumericDate` (RFC 7519 section 2): a JSON number of seconds, fractions and exponents included.
//!
//! Invariant: the decimal text is read exactly; where it is finer than our microseconds, the reader
//! names the direction, and no direction is ever in the caller's favour.

use crate::base::clock::Timestamp;

/// 9999-12-31T23:59:59Z in seconds: the last instant we accept.
const LAST_SECOND: u64 = 253_402_300_799;
const MICRO_DIGITS: i64 = 6;

/// The value is negative or beyond the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutOfRange;

/// A date between two neighbouring microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumericDate {
    floor: Timestamp,
    ceil: Timestamp,
}

impl NumericDate {
    /// From whole seconds.
    pub(crate) fn from_integer(seconds: i64) -> Result<Self, OutOfRange> {
        match u64::try_from(seconds) {
            Ok(0..=LAST_SECOND) => {
                let at = Timestamp::from_secs(seconds);
                Ok(Self {
                    floor: at,
                    ceil: at,
                })
            }
            _ => Err(OutOfRange),
        }
    }

    /// From the text of a JSON number, whose syntax the parser has checked.
    pub(crate) fn from_decimal(text: &str) -> Result<Self, OutOfRange> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            // An exponent beyond i64 saturates: it is decided by its sign alone.
            Some((mantissa, exponent)) => (mantissa, saturating_exponent(exponent)),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // micros = digits * 10^shift, where `digits` is the mantissa without its point.
        let shift = exponent
            .saturating_sub(i64::try_from(fraction.len()).map_err(|_| OutOfRange)?)
            .saturating_add(MICRO_DIGITS);
        let digits = || whole.bytes().chain(fraction.bytes());
        if digits().all(|digit| digit == b'0') {
            return Self::from_integer(0);
        }
        if negative {
            return Err(OutOfRange);
        }
        // How many of the digits are whole microseconds; the rest only tells floor from ceil.
        let count = i64::try_from(whole.len().saturating_add(fraction.len()));
        let kept = count.map_err(|_| OutOfRange)?.saturating_add(shift.min(0));
        let kept = usize::try_from(kept.max(0)).map_err(|_| OutOfRange)?;
        let mut micros: u64 = 0;
        for digit in digits().take(kept) {
            micros = times_ten(micros, digit.saturating_sub(b'0'))?;
        }
        let beyond = digits().skip(kept).any(|digit| digit != b'0');
        // `micros` is zero only if no kept digit counts, and then no zeros follow.
        if micros != 0 {
            for _ in 0..shift.max(0) {
                micros = times_ten(micros, 0)?;
            }
        }
        let last = LAST_SECOND.saturating_mul(1_000_000);
        if micros > last || (micros == last && beyond) {
            return Err(OutOfRange);
        }
        let floor = i64::try_from(micros).map_err(|_| OutOfRange)?;
        let ceil = floor.saturating_add(i64::from(beyond));
        Ok(Self {
            floor: Timestamp::from_micros(floor),
            ceil: Timestamp::from_micros(ceil),
        })
    }

    /// Not later than the date: for `exp`, so that nothing lives longer than it says.
    pub(crate) fn floor(self) -> Timestamp {
        self.floor
    }

    /// Not earlier than the date: for `nbf` and `iat`.
    pub(crate) fn ceil(self) -> Timestamp {
        self.ceil
    }
}

/// Overflow means out of range, so a mantissa of any length ends after some twenty digits.
fn times_ten(value: u64, digit: u8) -> Result<u64, OutOfRange> {
    value
        .checked_mul(10)
        .and_then(|value| value.checked_add(u64::from(digit)))
        .ok_or(OutOfRange)
}

fn saturating_exponent(text: &str) -> i64 {
    let fallback = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    text.parse().unwrap_or(fallback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, floor: i64, ceil: i64) {
        let date = NumericDate::from_decimal(text).unwrap();
        assert_eq!(date.floor(), Timestamp::from_micros(floor), "{text}");
        assert_eq!(date.ceil(), Timestamp::from_micros(ceil), "{text}");
    }

    #[test]
    fn reads_integers_fractions_and_exponents_exactly() {
        reads("0", 0, 0);
        reads("-0", 0, 0);
        reads("-0.0e5", 0, 0);
        reads("1", 1_000_000, 1_000_000);
        reads("1.5", 1_500_000, 1_500_000);
        reads("15e-1", 1_500_000, 1_500_000);
        reads("0.0015E+3", 1_500_000, 1_500_000);
        reads("1e3", 1_000_000_000, 1_000_000_000);
        reads(
            "1.700000000e9",
            1_700_000_000_000_000,
            1_700_000_000_000_000,
        );
        reads(
            "17000000000000000000e-10",
            1_700_000_000_000_000,
            1_700_000_000_000_000,
        );
        reads(
            "253402300799",
            253_402_300_799_000_000,
            253_402_300_799_000_000,
        );
        reads("0e999999999999999999999999", 0, 0);
    }

    #[test]
    fn never_rounds_in_the_callers_favour() {
        reads("1.0000001", 1_000_000, 1_000_001);
        reads("1.9999999999999999999999999999", 1_999_999, 2_000_000);
        reads("1e-7", 0, 1);
        reads("1e-99999999999999999999999", 0, 1);
        // f64 would read this as exactly 1700000000.
        reads(
            "1700000000.00000000000000001",
            1_700_000_000_000_000,
            1_700_000_000_000_001,
        );
        reads(
            "1699999999.99999999999999999",
            1_699_999_999_999_999,
            1_700_000_000_000_000,
        );
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        for text in [
            "-1",
            "-0.1",
            "-1e-400",
            "253402300800",
            "253402300799.1",
            "253402300799.00000000000000000001",
            "2534023007990e0",
            "1e400",
            "1e99999999999999999999999",
            "9223372036854775807",
            "18446744073709551616",
            "99999999999999999999999999999999999999",
        ] {
            assert_eq!(NumericDate::from_decimal(text), Err(OutOfRange), "{text}");
        }
        assert_eq!(NumericDate::from_integer(-1), Err(OutOfRange));
        assert_eq!(NumericDate::from_integer(253_402_300_800), Err(OutOfRange));
        assert!(NumericDate::from_integer(253_402_300_799).is_ok());
    }
}
