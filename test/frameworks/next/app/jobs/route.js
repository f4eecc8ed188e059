import { next } from '@cronclave/sdk/next'
import { executor } from '../../executor.js'

export const { POST } = next(executor)
export const maxDuration = 60
