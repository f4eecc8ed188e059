/**
 * The other end of the bench, in a process of its own: an SDK executor at `/`, a bare endpoint at `/plain`, and what
 * both saw at `/seen` (DELETE forgets it). Prints its URL first and ends with its standard input.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createExecutor } from '@cronclave/sdk'
import { node } from '@cronclave/sdk/node'

const secret = process.env['CRONCLAVE_SECRET']
if (!secret) throw new Error('CRONCLAVE_SECRET is not set')
let lateness: number[] = []
let last = 0

const executor = createExecutor({ service: 'bench', secret, concurrency: 100_000 }).job('noop', ({ fireTime }) => {
  seen(fireTime.getTime())
  return { ok: true }
})
const handle = node(executor)
const server = createServer((req, res) => {
  if (req.url === '/seen') {
    if (req.method === 'DELETE') lateness = []
    res.end(JSON.stringify({ count: lateness.length, last, lateness: req.method === 'DELETE' ? [] : lateness }))
  } else if (req.url === '/plain') {
    seen(Date.parse(String(req.headers['cronclave-fire-time'])))
    req.resume().on('end', () => res.end('ok'))
  } else handle(req, res)
})

function seen(fireTime: number): void {
  last = Date.now()
  lateness.push(last - fireTime)
}

server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
process.stdin.on('end', () => process.exit(0)).resume()
