use super::*;

fn claims() -> Map<String, Value> {
    Map::from_iter([("sub".to_owned(), Value::from("x"))])
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    let mut ring = KeyRing::generate(&[]).unwrap();
    for algorithm in Algorithm::ALL {
        let header = Header {
            algorithm,
            typ: "JWT",
        };
        let token = ring.sign(&header, &claims()).unwrap();
        assert_eq!(ring.verify(&token), Some(claims()), "{algorithm}");
        let forged = token.replacen('.', ".e30", 1);
        assert_eq!(ring.verify(&forged), None, "{algorithm}");
    }
    let keys = ring.jwk_set();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), Algorithm::ALL.len() + 1);
    assert_eq!(keys.last().unwrap()["use"], "enc");
}

#[test]
fn refresh_tokens_are_no_access_tokens_and_the_other_way_round() {
    let mut ring = KeyRing::generate(&[Algorithm::ES256]).unwrap();
    let refresh = ring.sign_refresh(&claims()).unwrap();
    assert_eq!(ring.verify_refresh(&refresh), Some(claims()));
    assert_eq!(ring.verify(&refresh), None);
    let header = Header {
        algorithm: Algorithm::ES256,
        typ: "JWT",
    };
    let access = ring.sign(&header, &claims()).unwrap();
    assert_eq!(ring.verify_refresh(&access), None);
}

#[test]
fn rotation_keeps_old_keys_until_they_are_removed() {
    let mut ring = KeyRing::generate(&[Algorithm::ES256]).unwrap();
    let header = Header {
        algorithm: Algorithm::ES256,
        typ: "JWT",
    };
    let old = ring.sign(&header, &claims()).unwrap();
    ring.rotate().unwrap();
    let new = ring.sign(&header, &claims()).unwrap();
    assert!(ring.verify(&old).is_some() && ring.verify(&new).is_some());
    ring.remove_old();
    assert!(ring.verify(&old).is_none() && ring.verify(&new).is_some());
}

#[test]
fn a_withdrawn_signing_key_is_replaced() {
    let mut ring = KeyRing::generate(&[Algorithm::ES256]).unwrap();
    let kid = ring.signing_id(Algorithm::ES256).unwrap().to_owned();
    assert_eq!(ring.remove(&kid), Ok(true));
    assert_eq!(ring.remove(&kid), Ok(false));
    let next = ring.signing_id(Algorithm::ES256).unwrap();
    assert_ne!(next, kid);
}
