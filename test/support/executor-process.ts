/** An executor in a process of its own: prints its URLs, tells what it saw at `/seen`, ends with its standard input. */
import { startExecutor } from './executor.ts'

const secret = process.env['E2E_SECRET']
if (secret === undefined) throw new Error('E2E_SECRET is not set')
const { url, httpUrl } = await startExecutor({ secret })
console.log(`executor ${url} ${httpUrl}`)
process.stdin.on('end', () => process.exit(0)).resume()
