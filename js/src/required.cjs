// The entry point for `require` where modules can't be required, as in Jest. It is copied to dist/cjs.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const { init, ...api } = require("./slim.js");

init(readFileSync(join(__dirname, "../agentfold.wasm")));

module.exports = api;
