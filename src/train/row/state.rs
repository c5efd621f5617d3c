//! The state of a row besides its factors.

/// A row's bias, and what its updates keep from one visit to the next.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct RowState {
    /// The row's bias, in standard units.
    pub bias: f32,
    /// Two numbers, initially one. Their meaning depends on the update: see the methods.
    pub memory: [f32; 2],
    /// The sum of squared errors over the row's last visit. Stochastic gradient steps measure each error just
    /// before the row is updated with its rating; other updates measure the errors of the new row.
    pub loss: f32,
}

impl Default for RowState {
    fn default() -> Self {
        Self { bias: 0.0, memory: [1.0; 2], loss: 0.0 }
    }
}
