import {
  IconBan,
  IconBellRinging,
  IconCircleCheck,
  IconCircleX,
  IconClockExclamation,
  IconCode,
  IconCodeOff,
  IconCrown,
  IconHelpCircle,
  IconHourglass,
  IconLoader2,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipForward,
  IconPlugConnectedX,
  IconRefresh,
  IconSchool,
  IconShieldX,
  IconSquareCheck,
  IconUnlink,
} from '@tabler/icons-react'
import classes from './state-badge.module.css'

const LOOKS = {
  queued: [IconHourglass, 'wait', 'Queued'],
  running: [IconLoader2, 'run', 'Running'],
  succeeded: [IconCircleCheck, 'ok', 'Succeeded'],
  failed: [IconCircleX, 'bad', 'Failed'],
  'timed-out': [IconClockExclamation, 'slow', 'Timed out'],
  cancelled: [IconBan, 'skip', 'Cancelled'],
  lost: [IconHelpCircle, 'lost', 'Lost'],
  skipped: [IconPlayerSkipForward, 'skip', 'Skipped'],
  active: [IconPlayerPlay, 'ok', 'Active'],
  paused: [IconPlayerPause, 'slow', 'Paused'],
  ended: [IconSquareCheck, 'skip', 'Ended'],
  quarantined: [IconShieldX, 'bad', 'Quarantined'],
  refused: [IconBan, 'slow', 'Refused'],
  uncertain: [IconHelpCircle, 'lost', 'Uncertain'],
  accepted: [IconLoader2, 'run', 'Accepted'],
  leader: [IconCrown, 'ok', 'Leader'],
  follower: [IconCircleCheck, 'ok', 'Follower'],
  candidate: [IconHourglass, 'slow', 'Candidate'],
  learner: [IconSchool, 'run', 'Learner'],
  joining: [IconHourglass, 'wait', 'Joining'],
  unreachable: [IconPlugConnectedX, 'bad', 'Unreachable'],
  waiting: [IconHourglass, 'wait', 'Waiting'],
  retrying: [IconRefresh, 'slow', 'Between attempts'],
  delivering: [IconCircleCheck, 'ok', 'Delivering'],
  failing: [IconPlugConnectedX, 'bad', 'Failing'],
  firing: [IconBellRinging, 'bad', 'Firing'],
  resolved: [IconCircleCheck, 'ok', 'Resolved'],
  open: [IconHourglass, 'wait', 'On its way'],
  delivered: [IconCircleCheck, 'ok', 'Delivered'],
  online: [IconCircleCheck, 'ok', 'Online'],
  offline: [IconPlugConnectedX, 'bad', 'Offline'],
  draining: [IconPlayerPause, 'slow', 'Draining'],
  suspect: [IconPlugConnectedX, 'slow', 'Suspect'],
  unhealthy: [IconPlugConnectedX, 'bad', 'Unhealthy'],
  'breaker-open': [IconShieldX, 'bad', 'Kept away'],
  'in-code': [IconCode, 'ok', 'In code'],
  'absent-from-code': [IconCodeOff, 'slow', 'Absent from code'],
  detached: [IconUnlink, 'skip', 'Detached from code'],
  'manifest-refused': [IconCodeOff, 'bad', 'Manifest refused'],
} as const

export type Shown = keyof typeof LOOKS

/** A state of a run, an attempt or a job: its colour is never alone, icon and word say the same. */
export function StateBadge({ state, iconOnly = false }: { state: string; iconOnly?: boolean }) {
  const [Icon, tone, word] = LOOKS[state as Shown] ?? [IconHelpCircle, 'skip', state]
  return (
    <span className={classes.badge} data-tone={tone} data-state={state} title={iconOnly ? word : undefined}>
      <Icon size={15} stroke={2} aria-hidden className={state === 'running' ? classes.spin : undefined} />
      <span className={iconOnly ? classes.hidden : undefined}>{word}</span>
    </span>
  )
}

/** The word for a state, as headings and filters show it. */
export function stateWord(state: string): string {
  return LOOKS[state as Shown]?.[2] ?? state
}
