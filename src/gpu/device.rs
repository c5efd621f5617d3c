//! An opened device. Every failure on it is returned as an [`Error`]: calls run inside error scopes, a lost
//! device raises a flag that every later call checks, and waiting has a timeout.

use super::{Adapter, AdapterDescription, Checks, GpuOptions};
use crate::guard::guarded;
use crate::{Error, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64};
use wgpu::{ErrorFilter, Features};

/// An opened device and its queue; a clone is another handle to the same device.
#[derive(Debug, Clone)]
pub struct Gpu {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) options: GpuOptions,
    pub(super) limits: wgpu::Limits,
    /// Bytes in all live buffers.
    pub(super) allocated: AtomicU64,
    features: Features,
    description: AdapterDescription,
    trouble: Arc<Mutex<Trouble>>,
}

/// The errors that the callbacks of the device reported.
#[derive(Debug, Default)]
struct Trouble {
    lost: Option<String>,
    uncaptured: Option<String>,
}

impl Gpu {
    /// Opens an adapter with its own limits, and with the wanted features that it has.
    ///
    /// # Errors
    /// [`Error::Device`] when the driver refuses.
    pub fn open(adapter: &Adapter, options: &GpuOptions) -> Result<Self> {
        let mut wanted = Features::SHADER_F16 | Features::TIMESTAMP_QUERY;
        wanted.set(Features::SUBGROUP, options.subgroups);
        let features = adapter.inner.features() & wanted;
        let mut limits = adapter.inner.limits();
        if let Some(limit) = options.binding_limit {
            limits.max_storage_buffer_binding_size = limits.max_storage_buffer_binding_size.min(limit);
        }
        let request = adapter.inner.request_device(&wgpu::DeviceDescriptor {
            label: Some("mfgpu"),
            required_features: features,
            required_limits: limits.clone(),
            // mfgpu allocates few and large buffers, so pools of spare memory would be a waste.
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..wgpu::DeviceDescriptor::default()
        });
        let (device, queue) = pollster::block_on(request).map_err(|error| {
            let why = in_a_line(&error);
            Error::Device(format!("{}: cannot open: {why}", adapter.description().name))
        })?;
        let trouble = Arc::new(Mutex::new(Trouble::default()));
        let heard = Arc::clone(&trouble);
        device.set_device_lost_callback(move |reason, message| {
            lock(&heard).lost.get_or_insert(format!("{} ({reason:?})", in_a_line(&message)));
        });
        let heard = Arc::clone(&trouble);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            lock(&heard).uncaptured.get_or_insert(in_a_line(&error));
        }));
        let inner = Inner {
            device,
            queue,
            options: options.clone(),
            limits,
            allocated: AtomicU64::new(0),
            features,
            description: adapter.description().clone(),
            trouble,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens the same adapter again with the same options, after the device was lost.
    ///
    /// # Errors
    /// [`Error::Device`] if the adapter is gone or the driver refuses.
    pub fn again(&self) -> Result<Self> {
        let own = self.description();
        let gone = || Error::Device(format!("{}: the device is not there any more", own.name));
        let same = |adapter: &&Adapter| {
            let found = adapter.description();
            (&found.name, found.kind, found.number) == (&own.name, own.kind, own.number)
        };
        let adapters = Adapter::list_within(self.options().memory_percent);
        Self::open(adapters.iter().find(same).ok_or_else(gone)?, self.options())
    }

    /// The adapter on which this device was opened.
    pub fn description(&self) -> &AdapterDescription {
        &self.inner.description
    }

    /// The options with which it was opened.
    pub fn options(&self) -> &GpuOptions {
        &self.inner.options
    }

    /// Whether kernels check their indices.
    pub fn checks(&self) -> Checks {
        self.inner.options.checks
    }

    /// Whether kernels may use subgroup operations.
    pub fn subgroups(&self) -> bool {
        self.inner.features.contains(Features::SUBGROUP)
    }

    pub(super) fn has(&self, feature: Features) -> bool {
        self.inner.features.contains(feature)
    }

    /// Whether kernels may use `enable f16;`.
    pub fn shader_f16(&self) -> bool {
        self.inner.features.contains(Features::SHADER_F16)
    }

    /// The limits with which it was opened; sizes in bytes.
    pub fn limits(&self) -> &wgpu::Limits {
        &self.inner.limits
    }

    /// Bytes in all live buffers.
    pub fn allocated(&self) -> u64 {
        self.inner.allocated.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Checks that the device is not lost and that no callback reported an error. Most calls on a lost device
    /// silently succeed, so this is called after every submission and transfer.
    ///
    /// # Errors
    /// [`Error::Device`] with the driver's message.
    pub fn check(&self) -> Result<()> {
        let trouble = lock(&self.inner.trouble);
        if let Some(why) = &trouble.lost {
            return Err(Error::Device(format!(
                "{}: the device was lost: {why}",
                self.inner.description.name
            )));
        }
        match &trouble.uncaptured {
            Some(why) => Err(Error::Device(format!("{}: {why}", self.inner.description.name))),
            None => Ok(()),
        }
    }

    /// Destroys the device, as if it had been lost: every later call returns an [`Error::Device`]. For tests
    /// of the recovery.
    pub fn lose(&self) {
        self.inner.device.destroy();
        // The callback that reports the loss runs in the next poll.
        let _ = self.wait_for(None);
    }

    /// Runs calls to the device and returns the errors they cause; `what` names the calls in the error.
    pub(super) fn guarded<T>(&self, what: &str, calls: impl FnOnce(&Inner) -> T) -> Result<T> {
        let device = &self.inner.device;
        let memory = device.push_error_scope(ErrorFilter::OutOfMemory);
        let internal = device.push_error_scope(ErrorFilter::Internal);
        let validation = device.push_error_scope(ErrorFilter::Validation);
        let result = calls(&self.inner);
        // Scopes are popped in the reverse order; the futures are ready at once.
        let caught = [validation, internal, memory].map(|scope| pollster::block_on(scope.pop()));
        self.check()?;
        match caught.into_iter().flatten().next() {
            None => Ok(result),
            Some(wgpu::Error::OutOfMemory { .. }) => Err(Error::TooLarge(format!(
                "{what}: {} is out of memory, with {} bytes of buffers in use",
                self.inner.description.name,
                self.allocated()
            ))),
            Some(error) => Err(Error::Device(format!("{what}: {}", in_a_line(&error)))),
        }
    }

    /// Waits until a submission has run, or all of them if it is `None`.
    pub(super) fn wait_for(&self, submission: Option<wgpu::SubmissionIndex>) -> Result<()> {
        let timeout = self.inner.options.timeout;
        let poll = wgpu::PollType::Wait { submission_index: submission, timeout: Some(timeout) };
        // wgpu 30 panics if the device is lost during the wait; the caller is not at fault.
        let waited = guarded(|| self.inner.device.poll(poll));
        self.check()?;
        match waited {
            Some(Ok(_)) => Ok(()),
            Some(Err(error)) => {
                // Mark the device as lost: nobody waits for its work any more.
                let why = format!("no answer within {timeout:?}: {error}");
                lock(&self.inner.trouble).lost.get_or_insert(why.clone());
                Err(Error::Device(format!("{}: {why}", self.inner.description.name)))
            }
            None => Err(Error::Device(format!("{}: failed while it worked", self.inner.description.name))),
        }
    }
}

/// What a driver or wgpu says, in one line: wgpu writes causes below one another.
fn in_a_line(said: &dyn std::fmt::Display) -> String {
    said.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lock(trouble: &Mutex<Trouble>) -> MutexGuard<'_, Trouble> {
    trouble.lock().unwrap_or_else(PoisonError::into_inner)
}
