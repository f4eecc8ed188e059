import type { Job } from '@cronclave/openapi'
import { Alert } from '@mantine/core'
import { IconCode, IconCodeOff } from '@tabler/icons-react'
import type { ReactNode } from 'react'

type Owner = NonNullable<Job['managedBy']>

/** Whose code keeps a job, in a line. */
export function ownerWords({ service, revision }: Pick<Owner, 'service' | 'revision'>): string {
  return revision === undefined ? `code of ${service}` : `code of ${service}, revision ${revision}`
}

/** What follows from a job being kept in code, for its page and its editor; `action` is what can be done about it. */
export function CodeNote({ owner, action }: { owner: Owner | undefined; action?: ReactNode }) {
  if (owner === undefined || owner.status === 'detached') return null
  const { service, handler, revision, status } = owner
  if (status === 'absent-from-code') {
    return (
      <Alert
        color="orange"
        variant="light"
        icon={<IconCodeOff size={16} aria-hidden />}
        title={`Absent from code: revision ${revision ?? ''} of ${service} names it no more`}
      >
        It goes on until somebody pauses or deletes it, or prunes with <code>cronclave apply --prune</code>.
      </Alert>
    )
  }
  return (
    <Alert
      color="blue"
      variant="light"
      icon={<IconCode size={16} aria-hidden />}
      title={`Kept by the ${ownerWords(owner)}`}
    >
      Handler <code>{handler}</code> decides when and how it runs. Pausing, labels, priority, notices and retention are
      for people to change. {action}
    </Alert>
  )
}
