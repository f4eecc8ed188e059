#!/usr/bin/env node
// Syncs wait in the thread pool; its size is read once, before the first of them. Loading an ES module would use it.
process.env.UV_THREADPOOL_SIZE ??= '16'
void import('../dist/cli/main.js')
