import type { AlertMessage } from '@cronclave/openapi'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import { messageWords } from './alert-words.ts'
import classes from './alerts.module.css'

/** What was told, and what became of it. */
export function MessagesTable({
  messages,
  withChannel = false,
}: {
  messages: readonly AlertMessage[]
  withChannel?: boolean
}) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Message</th>
          {withChannel && <th scope="col">Channel</th>}
          <th scope="col">State</th>
          <th scope="col">When</th>
          <th scope="col">Attempts</th>
        </tr>
      </thead>
      <tbody>
        {messages.map((message) => (
          <tr key={`${message.channel} ${message.id}`}>
            <td data-label="Message">
              <div className={classes.cell}>
                {messageWords(message)}
                {message.error !== undefined && <span className={classes.error}>{message.error}</span>}
              </div>
            </td>
            {withChannel && <td data-label="Channel">{message.channel}</td>}
            <td data-label="State">
              <div className={classes.cell}>
                <StateBadge state={message.state} />
                {message.nextAt !== undefined && (
                  <span className={classes.under}>
                    again <Ago at={message.nextAt} />
                  </span>
                )}
              </div>
            </td>
            <td data-label="When">
              <Ago at={message.endedAt ?? message.at} />
            </td>
            <td data-label="Attempts" className="num">
              {message.attempts}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
