//! What the builder's options accept: one text or many, an algorithm or its name.

#![allow(
    unnameable_types,
    reason = "callers pass values and need not name or implement the traits"
)]

use crate::{base::secret::Secret, jose::algorithm::Algorithm};

mod sealed {
    pub trait Sealed {}
}

/// One text or many: `"a"`, `["a", "b"]`, a `Vec`, a slice.
pub trait Texts: sealed::Sealed {
    /// The texts, in order.
    fn into_texts(self) -> Vec<String>;
}

macro_rules! one {
    ($($type:ty),*) => {$(
        impl sealed::Sealed for $type {}
        impl Texts for $type {
            fn into_texts(self) -> Vec<String> {
                vec![self.as_str().to_owned()]
            }
        }
    )*};
}
one!(String, &String, url::Url, &url::Url);

impl sealed::Sealed for &str {}
impl Texts for &str {
    fn into_texts(self) -> Vec<String> {
        vec![self.to_owned()]
    }
}

impl<T: AsRef<str>> sealed::Sealed for Vec<T> {}
impl<T: AsRef<str>> Texts for Vec<T> {
    fn into_texts(self) -> Vec<String> {
        texts(&self)
    }
}

impl<T: AsRef<str>> sealed::Sealed for &Vec<T> {}
impl<T: AsRef<str>> Texts for &Vec<T> {
    fn into_texts(self) -> Vec<String> {
        texts(self)
    }
}

impl<T: AsRef<str>> sealed::Sealed for &[T] {}
impl<T: AsRef<str>> Texts for &[T] {
    fn into_texts(self) -> Vec<String> {
        texts(self)
    }
}

impl<T: AsRef<str>, const N: usize> sealed::Sealed for [T; N] {}
impl<T: AsRef<str>, const N: usize> Texts for [T; N] {
    fn into_texts(self) -> Vec<String> {
        texts(&self)
    }
}

impl<T: AsRef<str>, const N: usize> sealed::Sealed for &[T; N] {}
impl<T: AsRef<str>, const N: usize> Texts for &[T; N] {
    fn into_texts(self) -> Vec<String> {
        texts(self)
    }
}

fn texts<T: AsRef<str>>(items: &[T]) -> Vec<String> {
    items.iter().map(|item| item.as_ref().to_owned()).collect()
}

/// An [`Algorithm`], or its name as in a settings file (`"ES256"`).
///
/// A name that is none of the asymmetric algorithms (`"none"`, `"HS256"`, a typing error) is a
/// mistake that `build()` reports.
pub trait AlgorithmName: sealed::Sealed {
    /// The algorithm, or the name that is none.
    ///
    /// # Errors
    /// The name, when no [`Algorithm`] has it.
    fn into_algorithm(self) -> Result<Algorithm, String>;
}

impl sealed::Sealed for Algorithm {}
impl AlgorithmName for Algorithm {
    fn into_algorithm(self) -> Result<Algorithm, String> {
        Ok(self)
    }
}

impl sealed::Sealed for &Algorithm {}
impl AlgorithmName for &Algorithm {
    fn into_algorithm(self) -> Result<Algorithm, String> {
        Ok(*self)
    }
}

impl AlgorithmName for &str {
    fn into_algorithm(self) -> Result<Algorithm, String> {
        self.parse().map_err(|_| self.to_owned())
    }
}

impl AlgorithmName for String {
    fn into_algorithm(self) -> Result<Algorithm, String> {
        self.parse().map_err(|_| self)
    }
}

impl AlgorithmName for &String {
    fn into_algorithm(self) -> Result<Algorithm, String> {
        self.as_str().into_algorithm()
    }
}

/// A [`Secret`], or the text of one; `None` leaves the option unset.
pub trait SecretText: sealed::Sealed {
    /// The secret, if there is one.
    fn into_secret(self) -> Option<Secret>;
}

impl sealed::Sealed for Secret {}
impl SecretText for Secret {
    fn into_secret(self) -> Option<Secret> {
        Some(self)
    }
}

impl sealed::Sealed for &Secret {}
impl SecretText for &Secret {
    fn into_secret(self) -> Option<Secret> {
        Some(self.clone())
    }
}

impl SecretText for &str {
    fn into_secret(self) -> Option<Secret> {
        Some(Secret::from(self))
    }
}

impl SecretText for String {
    fn into_secret(self) -> Option<Secret> {
        Some(Secret::from(self))
    }
}

impl<T: SecretText> sealed::Sealed for Option<T> {}
impl<T: SecretText> SecretText for Option<T> {
    fn into_secret(self) -> Option<Secret> {
        self.and_then(SecretText::into_secret)
    }
}
