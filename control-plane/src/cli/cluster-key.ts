import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { systemRandom } from '../runtime/random.ts'
import { examples, outputOf } from './command.ts'
import { CommandFault, EXIT } from './exit.ts'
import type { Io } from './io.ts'

const KEY_BYTES = 32

/** `cronclave key create`: the key that all nodes of a cluster share. */
export function keyCommands(program: Command, io: Io): void {
  const key = program.command('key').description('the key that the nodes of a cluster share')
  const command = key
    .command('create')
    .description('draw a cluster key: 32 random bytes as base64; needs no server')
    .option('--out <file>', 'write it to a new file that only you may read, instead of printing it')
    .action(async ({ out }: { out?: string }) => {
      const text = `${Buffer.from(systemRandom.bytes(KEY_BYTES)).toString('base64')}\n`
      const output = outputOf(io, command)
      if (out === undefined) return output.line(text.trim())
      await writeNew(out, text)
      output.note(`The key is in ${out}. Copy it to every node, and name it there with --cluster-key-file.`)
    })
  examples(command, 'cronclave key create --out cluster.key', 'CRONCLAVE_CLUSTER_KEY=$(cronclave key create)')
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'EEXIST' ? 'it is there already, and is not overwritten' : message
    throw new CommandFault(EXIT.usage, `${path} cannot be written: ${reason}.`)
  })
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
