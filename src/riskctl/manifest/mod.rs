//! What do operators write down? Envoy files and the resources of meshes, and in them every plugin of ours.

pub(crate) mod document;
mod dump;
mod mesh;
pub(crate) mod place;
pub(crate) mod plugin;
pub(crate) mod resource;
