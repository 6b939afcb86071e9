//! The few fields of an X.509 certificate (RFC 5280 section 4.1) that a diagnosis shows.

use std::time::{SystemTime, UNIX_EPOCH};

use der::{
    AnyRef, Decode, Reader, SliceReader, Tag, TagNumber,
    asn1::{ContextSpecific, GeneralizedTime, UtcTime},
};

const SECONDS_PER_DAY: i64 = 86_400;

/// When a certificate is valid, and whether it vouches for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// Seconds since 1970 at which it becomes valid.
    pub(crate) not_before: i64,
    /// Seconds since 1970 until which it is valid.
    pub(crate) not_after: i64,
    /// Issuer and subject are the same name.
    pub(crate) self_issued: bool,
}

impl Certificate {
    /// Reads a DER certificate; `None` if it is not one.
    pub(crate) fn parse(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        reader
            .sequence(|certificate| {
                let read = certificate.sequence(Self::read);
                skip_rest(certificate)?;
                read
            })
            .ok()
    }

    /// `TBSCertificate`: version, serial number, signature, issuer, validity, subject, …
    fn read(body: &mut SliceReader<'_>) -> der::Result<Self> {
        let _version = ContextSpecific::<u8>::decode_explicit(body, TagNumber(0))?;
        let _serial_number = AnyRef::decode(body)?;
        let _signature = AnyRef::decode(body)?;
        let issuer = AnyRef::decode(body)?;
        let (not_before, not_after) =
            body.sequence(|validity| Ok::<_, der::Error>((time(validity)?, time(validity)?)))?;
        let subject = AnyRef::decode(body)?;
        skip_rest(body)?;
        Ok(Self {
            not_before,
            not_after,
            self_issued: issuer == subject,
        })
    }

    /// Whole days until the end of life; negative once it has passed.
    pub(crate) fn days_remaining(&self, now: SystemTime) -> i64 {
        let now = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(_) => 0,
        };
        self.not_after
            .saturating_sub(now)
            .div_euclid(SECONDS_PER_DAY)
    }
}

/// RFC 5280 section 4.1.2.5: `UTCTime` through 2049, `GeneralizedTime` from 2050 on.
fn time(reader: &mut SliceReader<'_>) -> der::Result<i64> {
    let since = if Tag::peek(reader)? == Tag::UtcTime {
        UtcTime::decode(reader)?.to_unix_duration()
    } else {
        GeneralizedTime::decode(reader)?.to_unix_duration()
    };
    Ok(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn skip_rest(reader: &mut SliceReader<'_>) -> der::Result<()> {
    let rest = reader.remaining_len();
    reader.read_slice(rest).map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn der(from: (i32, u8, u8), to: (i32, u8, u8)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = date_time_ymd(from.0, from.1, from.2);
        params.not_after = date_time_ymd(to.0, to.1, to.2);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn reads_both_forms_of_time() {
        let certificate = Certificate::parse(&der((2020, 1, 1), (2051, 3, 1))).unwrap();
        assert_eq!(certificate.not_before, 1_577_836_800);
        assert_eq!(certificate.not_after, 2_561_241_600);
        assert!(certificate.self_issued);
    }

    #[test]
    fn days_are_whole_and_negative_once_expired() {
        let certificate = Certificate::parse(&der((2020, 1, 1), (2020, 1, 11))).unwrap();
        let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_577_836_800 + seconds);
        assert_eq!(certificate.days_remaining(at(0)), 10);
        assert_eq!(certificate.days_remaining(at(1)), 9);
        assert_eq!(certificate.days_remaining(at(864_000)), 0);
        assert_eq!(certificate.days_remaining(at(864_001)), -1);
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        let good = der((2020, 1, 1), (2030, 1, 1));
        assert_eq!(Certificate::parse(b""), None);
        assert_eq!(Certificate::parse(b"-----BEGIN CERTIFICATE-----"), None);
        for end in 0..good.len() {
            assert_eq!(Certificate::parse(&good[..end]), None, "cut at {end}");
        }
    }
}
