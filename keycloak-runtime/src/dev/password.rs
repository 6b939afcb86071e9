//! Checks passwords, plain or hashed as real exports have them.

use std::num::NonZeroU32;

use aws_lc_rs::{constant_time, pbkdf2};

use super::export::model::{Argon2Variant, Credential, HashAlgorithm, PasswordHash, UserModel};

/// A hash that asks for more is refused: a hostile file must not stop the machine.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_ITERATIONS: u32 = 10_000_000;

/// Whether `password` is one of the user's.
pub(crate) fn matches(user: &UserModel, password: &str) -> bool {
    user.credentials.iter().any(|credential| match credential {
        Credential::Plain(plain) => equal(plain.expose().as_bytes(), password.as_bytes()),
        Credential::Hashed(hash) => hash_matches(hash, password.as_bytes()),
        Credential::Unsupported(_) => false,
    })
}

/// Compares without telling by its time where the texts differ.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

fn hash_matches(hash: &PasswordHash, password: &[u8]) -> bool {
    if hash.iterations > MAX_ITERATIONS || hash.value.is_empty() {
        return false;
    }
    let pbkdf2 = |algorithm| {
        NonZeroU32::new(hash.iterations).is_some_and(|iterations| {
            pbkdf2::verify(algorithm, iterations, &hash.salt, password, &hash.value).is_ok()
        })
    };
    match hash.algorithm {
        HashAlgorithm::Pbkdf2Sha1 => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA1),
        HashAlgorithm::Pbkdf2Sha256 => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA256),
        HashAlgorithm::Pbkdf2Sha512 => pbkdf2(pbkdf2::PBKDF2_HMAC_SHA512),
        HashAlgorithm::Argon2 {
            variant,
            memory_kib,
            parallelism,
        } => {
            let algorithm = match variant {
                Argon2Variant::D => argon2::Algorithm::Argon2d,
                Argon2Variant::I => argon2::Algorithm::Argon2i,
                Argon2Variant::Id => argon2::Algorithm::Argon2id,
            };
            if memory_kib > MAX_MEMORY_KIB || hash.iterations > 1_000 {
                return false;
            }
            let length = hash.value.len();
            let Ok(parameters) =
                argon2::Params::new(memory_kib, hash.iterations, parallelism, Some(length))
            else {
                return false;
            };
            let mut out = vec![0; length];
            argon2::Argon2::new(algorithm, argon2::Version::V0x13, parameters)
                .hash_password_into(password, &hash.salt, &mut out)
                .is_ok()
                && equal(&out, &hash.value)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dev::export;

    /// Users as Keycloak 26.7.3 (argon2) and 17 (pbkdf2-sha256) exported them.
    #[test]
    fn hashes_of_real_exports_are_checked() {
        let credential = |secret: &str, how: &str| json!([{"type": "password", "secretData": secret, "credentialData": how}]);
        let argon2 = credential(
            r#"{"value":"9/8HUBHNJt4bcGkEhIa94AjZ1+F10QiDWMKyrpP3lDg=","salt":"KDaqWSHpOg2k83yNAm9xEA=="}"#,
            r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#,
        );
        let model = export::of_json(&json!({
            "realm": "r",
            "users": [{"username": "alice", "enabled": true, "credentials": argon2}],
        }))
        .unwrap();
        let alice = model.user("alice").unwrap();
        assert!(matches(alice, "alice-password"));
        assert!(!matches(alice, "alice-passworD"));
    }

    #[test]
    fn pbkdf2_is_checked_and_absurd_parameters_are_refused() {
        let mut value = vec![0; 64];
        let rounds = NonZeroU32::new(1_000).unwrap();
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA512,
            rounds,
            b"salt",
            b"pw",
            &mut value,
        );
        let mut hash = PasswordHash {
            algorithm: HashAlgorithm::Pbkdf2Sha512,
            iterations: 1_000,
            salt: b"salt".to_vec(),
            value,
        };
        assert!(hash_matches(&hash, b"pw"));
        assert!(!hash_matches(&hash, b"pW"));
        hash.iterations = u32::MAX;
        assert!(!hash_matches(&hash, b"pw"));
    }
}
