//! What belongs to a row beside its factors.

/// A row's bias, and what its updates remember from one visit to the next.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct RowState {
    /// The row's bias, in standard units.
    pub bias: f32,
    /// Two numbers, ones before the first visit. What they mean is a matter of the update: see the methods.
    pub memory: [f32; 2],
    /// The sum of squared errors over the row's last visit: of stochastic gradient steps each measured just before the row
    /// was updated with it, else those of the new row.
    pub loss: f32,
}

impl Default for RowState {
    fn default() -> Self {
        Self { bias: 0.0, memory: [1.0; 2], loss: 0.0 }
    }
}
