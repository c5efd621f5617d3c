//! The formats of an export.

use mfgpu::output::TableFormat;

/// The format of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExportFormat {
    Table(TableFormat),
    Npy,
    Safetensors,
    /// For vectors alone.
    Sql,
}

impl ExportFormat {
    /// Every format.
    pub(super) const ALL: [Self; 6] = [
        Self::Table(TableFormat::Csv),
        Self::Table(TableFormat::Jsonl),
        Self::Table(TableFormat::Parquet),
        Self::Npy,
        Self::Safetensors,
        Self::Sql,
    ];

    /// The name in flags, and the ending of files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Table(format) => format.name(),
            Self::Npy => "npy",
            Self::Safetensors => "safetensors",
            Self::Sql => "sql",
        }
    }
}

impl Default for ExportFormat {
    fn default() -> Self {
        Self::Table(TableFormat::Csv)
    }
}
