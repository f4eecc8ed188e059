import type { Command } from 'commander'
import { examples, sessionOf } from './command.ts'
import type { Io } from './io.ts'

const VERBS = ['pause', 'resume'] as const
type Verb = (typeof VERBS)[number]

const ABOUT = {
  pause: 'stop its schedules; what runs, and what somebody asks for, goes on',
  resume: 'let its schedules go on, from now on',
}

/** `cronclave namespace pause` and `resume`. */
export function namespacePauseCommands(namespace: Command, io: Io): void {
  for (const verb of VERBS) {
    const command = namespace
      .command(verb)
      .description(ABOUT[verb])
      .argument('<names...>')
      .action(async (names: string[]) => {
        const { client, output } = sessionOf(io, command)
        for (const name of names) {
          const params = { params: { path: { namespace: name } } }
          await client.ask(
            verb === 'pause'
              ? client.api.POST('/v1/namespaces/{namespace}/pause', params)
              : client.api.POST('/v1/namespaces/{namespace}/resume', params),
          )
          output.note(`${name} is ${verb}d`)
        }
      })
    examples(command, `cronclave namespace ${verb} billing`)
  }
}

/** `cronclave scheduler …` */
export function schedulerCommands(program: Command, io: Io): void {
  const scheduler = program.command('scheduler').description('pause and resume everything that is scheduled')
  for (const verb of VERBS) setCommand(scheduler, io, verb)
  const command = scheduler
    .command('status')
    .description('whether it is paused, and by whom')
    .action(async () => {
      const { client, output } = sessionOf(io, command)
      const state = await client.ask(client.api.GET('/v1/scheduler'))
      const { by, at } = state.paused ?? {}
      output.one(state, {
        state: by === undefined ? 'active' : 'paused',
        ...(by === undefined ? {} : { by, since: at }),
      })
    })
  examples(command, 'cronclave scheduler status')
}

function setCommand(scheduler: Command, io: Io, verb: Verb): void {
  const command = scheduler
    .command(verb)
    .description(ABOUT[verb])
    .action(async () => {
      const { client, output } = sessionOf(io, command)
      await client.ask(
        verb === 'pause' ? client.api.POST('/v1/scheduler/pause') : client.api.POST('/v1/scheduler/resume'),
      )
      output.note(`the scheduler is ${verb}d`)
    })
  examples(command, `cronclave scheduler ${verb}`)
}
