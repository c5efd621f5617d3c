//! Which device to use: the grammar of the setting `device`, and the choice among the adapters found.

use super::{AdapterDescription, AdapterKind};
use crate::{Error, Result};
use std::{fmt, str::FromStr};

/// The device to use, written `auto`, `cpu`, `gpu`, `gpu:N`, `gpu:all` or `name:TEXT`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceChoice {
    /// A real GPU if there is one, else the CPU; never a software GPU, which the CPU engine beats.
    #[default]
    Auto,
    /// The CPU engine.
    Cpu,
    /// The best GPU; a software one if there is no other, since a GPU was asked for.
    Gpu,
    /// All GPUs, each with a rank of its own; for what one GPU does, the best.
    AllGpus,
    /// The GPU of this number in the list of `mfgpu devices`, from 0.
    GpuNumber(usize),
    /// The first GPU whose name contains this text, ignoring case.
    Name(String),
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || Error::Usage(format!("device `{text}`: expected auto, cpu, gpu, gpu:N, gpu:all or name:TEXT"));
        let (word, rest) =
            text.split_once(':').map_or((text, None), |(word, rest)| (word, Some(rest.trim())));
        match (word.trim().to_lowercase().as_str(), rest) {
            ("auto", None) => Ok(Self::Auto),
            ("cpu", None) => Ok(Self::Cpu),
            ("gpu", None) => Ok(Self::Gpu),
            ("gpu", Some("all")) => Ok(Self::AllGpus),
            ("gpu", Some(number)) => number.parse().map(Self::GpuNumber).map_err(|_| wrong()),
            ("name", Some(name)) if !name.is_empty() => Ok(Self::Name(name.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu => f.write_str("gpu"),
            Self::AllGpus => f.write_str("gpu:all"),
            Self::GpuNumber(number) => write!(f, "gpu:{number}"),
            Self::Name(name) => write!(f, "name:{name}"),
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<DeviceChoice> for String {
    fn from(choice: DeviceChoice) -> Self {
        choice.to_string()
    }
}

impl DeviceChoice {
    /// The position in `found`, which is sorted best first, of the adapter to use; `None` is the CPU.
    ///
    /// # Errors
    /// [`Error::NoDevice`] when a GPU was asked for and is missing; the message lists the adapters found.
    pub fn select(&self, found: &[AdapterDescription]) -> Result<Option<usize>> {
        let position = |wanted: &dyn Fn(&AdapterDescription) -> bool| found.iter().position(wanted);
        let chosen = match self {
            Self::Cpu => return Ok(None),
            Self::Auto => return Ok(position(&AdapterDescription::taken_by_auto)),
            Self::Gpu | Self::AllGpus => position(&|adapter| adapter.kind != AdapterKind::Software)
                .or_else(|| position(&|adapter| adapter.kind == AdapterKind::Software)),
            Self::GpuNumber(number) => (*number < found.len()).then_some(*number),
            Self::Name(name) => {
                let name = name.to_lowercase();
                position(&|adapter| adapter.name.to_lowercase().contains(&name))
            }
        };
        chosen.map(Some).ok_or_else(|| self.missing(found))
    }

    fn missing(&self, found: &[AdapterDescription]) -> Error {
        if found.is_empty() {
            return Error::NoDevice(format!(
                "device `{self}`: no GPU was found, neither real nor software; install the vendor's driver \
                 with Vulkan support, or software Vulkan (on Debian and Ubuntu: mesa-vulkan-drivers and \
                 libvulkan1), or use `device = cpu`"
            ));
        }
        let list: Vec<String> = found.iter().map(ToString::to_string).collect();
        Error::NoDevice(format!("device `{self}` is not there; there is: {}", list.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(number: usize, name: &str, kind: AdapterKind) -> AdapterDescription {
        AdapterDescription { number, name: name.into(), kind, ..AdapterDescription::default() }
    }

    #[test]
    fn the_grammar_goes_both_ways() {
        for text in ["auto", "cpu", "gpu", "gpu:1", "name:Radeon RX"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap().to_string(), text);
        }
        assert_eq!("GPU:0".parse::<DeviceChoice>().unwrap(), DeviceChoice::GpuNumber(0));
        for text in ["", "gpu:", "gpu:x", "gpu:-1", "name:", "cuda", "cpu:1", "auto:0"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap_err().exit_code(), 2, "{text}");
        }
    }

    #[test]
    fn auto_never_takes_software_and_gpu_does() {
        let software = [adapter(0, "llvmpipe", AdapterKind::Software)];
        assert_eq!(DeviceChoice::Auto.select(&software).unwrap(), None);
        assert_eq!(DeviceChoice::Gpu.select(&software).unwrap(), Some(0));
        assert_eq!(DeviceChoice::Cpu.select(&software).unwrap(), None);
        let both =
            [adapter(0, "llvmpipe", AdapterKind::Software), adapter(1, "Radeon RX", AdapterKind::Discrete)];
        assert_eq!(DeviceChoice::Auto.select(&both).unwrap(), Some(1));
        assert_eq!(DeviceChoice::Gpu.select(&both).unwrap(), Some(1));
        assert_eq!(DeviceChoice::Name("RADEON".into()).select(&both).unwrap(), Some(1));
        assert_eq!(DeviceChoice::GpuNumber(0).select(&both).unwrap(), Some(0));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let found = [adapter(0, "llvmpipe", AdapterKind::Software)];
        for choice in [DeviceChoice::GpuNumber(1), DeviceChoice::Name("radeon".into())] {
            let error = choice.select(&found).unwrap_err();
            assert_eq!(error.exit_code(), 5);
            assert!(error.to_string().contains("llvmpipe"), "{error}");
        }
        let error = DeviceChoice::Gpu.select(&[]).unwrap_err().to_string();
        assert!(error.contains("mesa-vulkan-drivers"), "{error}");
        assert_eq!(DeviceChoice::Auto.select(&[]).unwrap(), None);
    }
}
