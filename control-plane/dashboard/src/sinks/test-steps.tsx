import type { SinkTest } from '@cronclave/openapi'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { formatDuration } from '../ui/format.ts'
import classes from './sinks-page.module.css'

const STEPS: Record<SinkTest['steps'][number]['step'], string> = {
  connect: 'Server',
  tls: 'Certificate',
  login: 'User and password',
  database: 'Database',
  tables: 'Tables',
  write: 'Writing',
}

/** What trying a sink found, step by step, with what to do about the one that failed. */
export function TestSteps({ test: { ok, steps, tookMs } }: { test: SinkTest }) {
  return (
    <div role="status">
      <h3>
        {ok ? 'Rows can be delivered' : 'Nothing can be delivered'}{' '}
        <span className="dim num">after {formatDuration(tookMs)}</span>
      </h3>
      <ul className={classes.steps}>
        {steps.map((step) => (
          <li key={step.step}>
            {step.ok ? (
              <IconCircleCheck size={16} className={classes.pass} aria-label="Passed:" />
            ) : (
              <IconCircleX size={16} className={classes.fail} aria-label="Failed:" />
            )}
            <div>
              <span>{STEPS[step.step]}</span>
              {step.detail !== undefined && <span className={step.ok ? 'dim' : classes.fail}>{step.detail}</span>}
              {step.nextStep !== undefined && <span>{step.nextStep}</span>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  )
}
