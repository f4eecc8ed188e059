import * as sdk from '@cronclave/sdk'
import * as node from '@cronclave/sdk/node'
import { callSdk } from './call-sdk.mjs'

await callSdk(sdk, node)
