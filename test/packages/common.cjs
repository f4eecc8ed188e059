const sdk = require('@cronclave/sdk')
const node = require('@cronclave/sdk/node')

void import('./call-sdk.mjs').then(({ callSdk }) => callSdk(sdk, node))
