import { statfs } from 'node:fs/promises'

/** Says how much room a disk has left, and fails while that is too little. */
export default {
  name: 'disk-space',
  description: 'How much room a disk of the machine has left',
  parameters: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: { type: 'string', minLength: 1, description: 'Any folder on the disk' },
      minFreePercent: { type: 'number', minimum: 0, maximum: 100, default: 10 },
    },
  },
  async run({ params }, { log }) {
    const { path, minFreePercent = 10 } = params
    const { bavail, blocks } = await statfs(path).catch((error) => {
      throw Object.assign(error, { code: 'no-such-folder', retryable: false })
    })
    if (blocks === 0) throw Object.assign(new Error(`${path} is on no disk`), { code: 'no-disk', retryable: false })
    const freePercent = Math.round((1000 * bavail) / blocks) / 10
    log.info('looked', { path, freePercent })
    if (freePercent >= minFreePercent) return { path, freePercent }
    throw Object.assign(new Error(`${path} has ${freePercent} % left`), { code: 'disk-full' })
  },
}
