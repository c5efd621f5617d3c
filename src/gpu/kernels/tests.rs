//! Walks all kernels with naga: every permutation is valid, and shader and host twin have the same names at
//! the same positions.

use super::ALL;
use crate::gpu::{Binding, Constant, Kernel, kernel::twin};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, ImageClass, StorageAccess, StorageFormat, TypeInner};

/// Returns the fault of a kernel under some constants, if it has one.
fn fault(kernel: &Kernel, constants: &[(&'static str, Constant)]) -> Result<(), String> {
    let source = kernel.source(constants);
    let module = naga::front::wgsl::parse_str(&source).map_err(|error| error.emit_to_string(&source))?;
    let capabilities =
        Capabilities::SUBGROUP | Capabilities::SHADER_FLOAT16 | Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    Validator::new(ValidationFlags::all(), capabilities)
        .subgroup_stages(naga::valid::ShaderStages::COMPUTE)
        .subgroup_operations(naga::valid::SubgroupOperationSet::all())
        .validate(&module)
        .map_err(|error| error.emit_to_string(&source))?;
    if !module.entry_points.iter().any(|entry| entry.name == kernel.name) {
        return Err(format!("no entry point `{}`", kernel.name));
    }
    bindings(kernel, &module)?;
    twins(kernel, &module)
}

/// The format of a texture that is read.
fn texels(module: &naga::Module, variable: &naga::GlobalVariable) -> Option<StorageFormat> {
    match module.types[variable.ty].inner {
        TypeInner::Image { class: ImageClass::Storage { format, access }, .. }
            if !access.contains(StorageAccess::STORE) =>
        {
            Some(format)
        }
        _ => None,
    }
}

fn bindings(kernel: &Kernel, module: &naga::Module) -> Result<(), String> {
    let mut count = 0;
    for (_, variable) in module.global_variables.iter() {
        let Some(place) = variable.binding else { continue };
        count += 1;
        let name = variable.name.as_deref().unwrap_or_default();
        let declared = kernel.bindings.get(place.binding as usize).filter(|_| place.group == 0);
        let agrees = match (declared, variable.space) {
            (Some(Binding::Uniform(host)), AddressSpace::Uniform) => *host == name,
            (Some(Binding::Read(host)), AddressSpace::Storage { access }) => {
                *host == name && !access.contains(StorageAccess::STORE)
            }
            (Some(Binding::ReadWrite(host)), AddressSpace::Storage { access }) => {
                *host == name && access.contains(StorageAccess::STORE)
            }
            (Some(Binding::Texture(host)), AddressSpace::Handle) => {
                *host == name && texels(module, variable) == Some(StorageFormat::Rgba32Float)
            }
            (Some(Binding::Words(host)), AddressSpace::Handle) => {
                *host == name && texels(module, variable) == Some(StorageFormat::Rgba32Uint)
            }
            _ => false,
        };
        if !agrees {
            return Err(format!("binding {} is `{name}`, the host has {declared:?}", place.binding));
        }
    }
    if count == kernel.bindings.len() { Ok(()) } else { Err(format!("{count} bindings")) }
}

fn twins(kernel: &Kernel, module: &naga::Module) -> Result<(), String> {
    for twin in kernel.twins {
        let named = module.types.iter().find(|(_, ty)| ty.name.as_deref() == Some(twin.name));
        let Some((_, naga::Type { inner: TypeInner::Struct { members, span }, .. })) = named else {
            return Err(format!("no struct `{}`", twin.name));
        };
        let fields: Vec<_> = members
            .iter()
            .map(|member| (member.name.as_deref().unwrap_or_default(), member.offset as usize))
            .collect();
        if fields != twin.fields || *span as usize != twin.size {
            return Err(format!("struct `{}` is {fields:?} of {span} bytes", twin.name));
        }
    }
    Ok(())
}

#[test]
fn every_permutation_is_valid_and_agrees_with_its_twin() {
    for kernel in ALL {
        let permutations = (kernel.permutations)();
        assert!(!permutations.is_empty(), "{}: no permutations", kernel.name);
        for constants in permutations {
            if let Err(why) = fault(kernel, &constants) {
                panic!("{} with {constants:?}: {why}", kernel.name);
            }
        }
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = ALL.iter().map(|kernel| kernel.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ALL.len());
}

/// The checker above can fail: each of these kernels has one fault.
#[test]
fn faults_are_found() {
    #[repr(C)]
    struct Params {
        count: u32,
        low: f32,
    }
    const GOOD: Kernel = Kernel {
        name: "sample",
        source: "struct Params { count: u32, low: f32 }
            @group(0) @binding(0) var<uniform> params: Params;
            @group(0) @binding(1) var<storage, read_write> numbers: array<f32>;
            @compute @workgroup_size(SIZE) fn sample() { numbers[params.count] = params.low; }",
        bindings: &[Binding::Uniform("params"), Binding::ReadWrite("numbers")],
        twins: &[twin!(Params { count, low })],
        permutations: Vec::new,
    };
    let size = [("SIZE", Constant::U32(64))];
    assert_eq!(fault(&GOOD, &size), Ok(()));
    assert!(fault(&GOOD, &[]).is_err());
    let faulty = [
        Kernel { name: "other", ..GOOD },
        Kernel { bindings: &[Binding::Uniform("params")], ..GOOD },
        Kernel { bindings: &[Binding::Uniform("params"), Binding::Read("numbers")], ..GOOD },
        Kernel { bindings: &[Binding::Uniform("params"), Binding::ReadWrite("numbres")], ..GOOD },
        Kernel { twins: &[twin!(Params { low, count })], ..GOOD },
        Kernel { twins: &[crate::gpu::Twin { size: 12, ..twin!(Params { count, low }) }], ..GOOD },
    ];
    for kernel in &faulty {
        assert!(fault(kernel, &size).is_err(), "{kernel:?}");
    }
}
