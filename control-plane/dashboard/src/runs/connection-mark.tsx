import type { Connection } from '../api/event-source.ts'
import classes from './connection-mark.module.css'

const WORDS: Record<Connection, string> = {
  connecting: 'Connecting',
  open: 'Live',
  waiting: 'Reconnecting',
  refused: 'Not allowed',
}

/** How the stream of events stands: a dot, and the word beside it. */
export function ConnectionMark({ connection }: { connection: Connection }) {
  return (
    <span className={classes.mark} data-connection={connection} role="status">
      <span className={classes.dot} aria-hidden />
      {WORDS[connection]}
    </span>
  )
}
