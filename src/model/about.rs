//! A model's description of itself: its metadata key `about`, which only this file writes and reads.

use crate::ratings::Scale;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// The version of the program, and the settings and metrics of the training, as JSON. Other programs may
/// write models with other contents: all of it is kept, and each part is read if it is present.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct About(Value);

/// The results of training, in rating units.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainingMetrics {
    /// How many ratings the model was trained on.
    pub ratings: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// The best epoch of the search; 0 if there was none.
    pub best_epoch: Option<usize>,
    /// The RMSE on held-out ratings after the best epoch, if ratings were held out.
    pub held_out_rmse: Option<f64>,
    /// Epochs on all ratings, if there was a refit.
    pub refit_epochs: Option<usize>,
}

impl TrainingMetrics {
    /// The number of epochs for which the delivered model was trained, if it is known.
    pub fn epochs(&self) -> Option<usize> {
        self.refit_epochs.or(self.best_epoch)
    }
}

impl About {
    /// Describes a model that this version of the program trained with these settings.
    pub fn new(settings: &impl Serialize, metrics: &TrainingMetrics) -> Self {
        // Through text, where 0.06 stays 0.06: a JSON value would hold the f64 nearest to the f32.
        let text = serde_json::to_string(settings).unwrap_or_default();
        let settings: Value = serde_json::from_str(&text).unwrap_or_default();
        Self(json!({ "version": env!("CARGO_PKG_VERSION"), "settings": settings, "metrics": metrics }))
    }

    /// The version of the program that trained the model, if it is known.
    pub fn version(&self) -> Option<&str> {
        self.0["version"].as_str()
    }

    /// The settings of the training, if they are present and have this type.
    pub fn settings<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(self.0["settings"].clone()).ok()
    }

    /// One of the settings, if it is present and has this type.
    pub fn setting<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.0["settings"][name].clone()).ok()
    }

    /// The results of training, if they are present.
    pub fn metrics(&self) -> Option<TrainingMetrics> {
        serde_json::from_value(self.0["metrics"].clone()).ok()
    }

    /// One of the results of training, if it is present and has this type.
    pub fn metric<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.0["metrics"][name].clone()).ok()
    }

    /// The same, with a further result of training.
    #[must_use]
    pub fn with_metric(mut self, name: &str, value: &impl Serialize) -> Self {
        self.0["metrics"][name] = json!(value);
        self
    }

    /// How the values of the ratings were weighed, if the model is of lists.
    pub fn weights(&self) -> Option<Scale> {
        serde_json::from_value(self.0["weights"].clone()).ok()
    }

    /// The same model, with how the values of its ratings were weighed.
    #[must_use]
    pub fn with_weights(mut self, weights: &Scale) -> Self {
        self.0["weights"] = json!(weights);
        self
    }

    /// All settings and then all metrics, by name, for display.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &Value)> {
        let parts = ["settings", "metrics"].map(|part| self.0[part].as_object());
        parts.into_iter().flatten().flatten().map(|(name, value)| (name.as_str(), value))
    }
}

impl From<Value> for About {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

/// Reads the JSON text of the metadata.
impl FromStr for About {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text).map(Self)
    }
}

/// Writes the JSON text of the metadata.
impl fmt::Display for About {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Settings {
        algorithm: String,
        rate: f32,
    }

    #[test]
    fn what_is_written_is_read() {
        let settings = Settings { algorithm: "sgd".into(), rate: 0.06 };
        let metrics = TrainingMetrics {
            ratings: 3,
            mean: 2.5,
            deviation: 1.0,
            best_epoch: Some(4),
            ..TrainingMetrics::default()
        };
        let about = About::new(&settings, &metrics);
        let version = env!("CARGO_PKG_VERSION");
        let settings_text = r#""settings":{"algorithm":"sgd","rate":0.06}"#;
        let metrics_text = concat!(
            r#""metrics":{"ratings":3,"mean":2.5,"deviation":1.0,"#,
            r#""best_epoch":4,"held_out_rmse":null,"refit_epochs":null}"#
        );
        let text = format!(r#"{{"version":"{version}",{settings_text},{metrics_text}}}"#);
        assert_eq!(about.to_string(), text, "names and their order are the file's format");
        let again: About = text.parse().unwrap();
        assert_eq!((&again, again.version()), (&about, Some(version)));
        assert_eq!((again.settings(), again.metrics()), (Some(settings), Some(metrics)));
        assert_eq!(again.setting::<String>("algorithm").as_deref(), Some("sgd"));
        assert_eq!(
            again.facts().map(|(name, _)| name).collect::<Vec<_>>()[1..4],
            ["rate", "ratings", "mean"]
        );
        assert_eq!(metrics.epochs(), Some(4));
    }

    #[test]
    fn other_programs_say_what_they_like() {
        for text in ["null", "3", "[]", r#"{"z":1,"a":["\u00e9",null]}"#, r#"{"settings":1,"metrics":"x"}"#] {
            let about: About = text.parse().unwrap();
            assert_eq!(about.to_string().parse::<About>().unwrap(), about);
            assert_eq!((about.settings::<Settings>(), about.metrics()), (None, None), "{text}");
            assert_eq!((about.version(), about.facts().count()), (None, 0), "{text}");
        }
        let about: About = r#"{"metrics":{"refit_epochs":7,"more":1}}"#.parse().unwrap();
        assert_eq!(about.metrics().and_then(|metrics| metrics.epochs()), Some(7));
    }
}
