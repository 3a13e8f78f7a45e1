// Collects the instances of WebAssembly modules.
export const instances = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = function (...given) {
  const instance = new Instance(...given);
  instances.push(instance);
  return instance;
};
