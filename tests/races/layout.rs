//! Sizes of types in words, and where the variables that invocations share lie.

use wgpu::naga::{AddressSpace, ArraySize, Handle, Module, Scalar, StorageAccess, Type, TypeInner};

/// A variable that invocations share.
pub struct Region {
    pub name: String,
    pub ty: Handle<Type>,
    pub first: u32,
    pub words: u32,
    /// Of a buffer.
    pub binding: Option<u32>,
}

/// What invocations share: memory of the workgroup, then storage that they write to, then what they only read.
pub struct Layout {
    /// One for each global variable, in their order; those of single invocations have no words.
    pub regions: Vec<Region>,
    /// Where the second and the third part begin, and the end.
    pub storage: u32,
    pub read_only: u32,
    pub end: u32,
}

impl Layout {
    /// With buffers of these lengths, by binding.
    pub fn new(module: &Module, lengths: &[u32]) -> Layout {
        let part = |space| match space {
            AddressSpace::WorkGroup => Some(0),
            AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => Some(1),
            AddressSpace::Storage { .. } | AddressSpace::Uniform => Some(2),
            _ => None,
        };
        let region = |(_, variable): (_, &wgpu::naga::GlobalVariable)| {
            let binding = variable.binding.as_ref().map(|at| at.binding);
            let words = match binding {
                Some(binding) => lengths[binding as usize],
                None if part(variable.space).is_some() => words(&module.types[variable.ty].inner),
                None => 0,
            };
            Region { name: variable.name.clone().unwrap_or_default(), ty: variable.ty, first: 0, words, binding }
        };
        let mut regions: Vec<Region> = module.global_variables.iter().map(region).collect();
        let mut ends = [0; 3];
        let mut end = 0;
        for (at, end_of) in ends.iter_mut().enumerate() {
            for (region, (_, variable)) in regions.iter_mut().zip(module.global_variables.iter()) {
                if part(variable.space) == Some(at) {
                    region.first = end;
                    end += region.words;
                }
            }
            *end_of = end;
        }
        Layout { regions, storage: ends[0], read_only: ends[1], end }
    }

    /// The variable that has this word.
    pub fn region(&self, word: u32) -> &Region {
        let has = |region: &&Region| (region.first..region.first + region.words).contains(&word);
        self.regions.iter().find(has).expect("every word is a variable's")
    }
}

/// Words of a value.
pub fn words(ty: &TypeInner) -> u32 {
    let of_scalar = |scalar: Scalar| if scalar.width == 8 { 2 } else { 1 };
    match *ty {
        TypeInner::Scalar(scalar) | TypeInner::Atomic(scalar) => of_scalar(scalar),
        TypeInner::Vector { size, scalar } => size as u32 * of_scalar(scalar),
        TypeInner::Array { size: ArraySize::Constant(count), stride, .. } => count.get() * stride / 4,
        TypeInner::Struct { span, .. } => span / 4,
        TypeInner::Pointer { .. } | TypeInner::ValuePointer { .. } => 1,
        ref other => panic!("{other:?} has no size here"),
    }
}

/// Where element `index` of a value lies in it, and its type; `None`: a part of a vector.
pub fn element(ty: &TypeInner, index: u32) -> (u32, Option<Handle<Type>>) {
    match ty {
        TypeInner::Array { base, stride, .. } => (index * stride / 4, Some(*base)),
        TypeInner::Struct { members, .. } => {
            let member = &members[index as usize];
            (member.offset / 4, Some(member.ty))
        }
        TypeInner::Vector { scalar, .. } => (index * words(&TypeInner::Scalar(*scalar)), None),
        other => panic!("{other:?} has no elements"),
    }
}

/// The name of word `word` of a value, behind its variable's.
pub fn path(module: &Module, ty: Handle<Type>, word: u32) -> String {
    match &module.types[ty].inner {
        TypeInner::Array { base, stride, .. } => {
            format!("[{}]{}", word / (stride / 4), path(module, *base, word % (stride / 4)))
        }
        TypeInner::Struct { members, .. } => {
            let member = members.iter().rfind(|member| member.offset / 4 <= word).expect("the first begins at 0");
            format!(".{}{}", member.name.as_deref().unwrap_or(""), path(module, member.ty, word - member.offset / 4))
        }
        TypeInner::Vector { .. } => format!(".{}", ["x", "y", "z", "w"][word as usize]),
        _ => String::new(),
    }
}
