/** The mark: a clock whose ring is open, held by a square. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden>
      <rect width="24" height="24" rx="6" fill="#5b5bd6" />
      <g fill="none" stroke="#fff" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round">
        <circle cx="12" cy="12" r="6.25" strokeDasharray="29.5 9.8" transform="rotate(45 12 12)" />
        <path d="M12 8.6V12l2.4 1.5" />
      </g>
    </svg>
  )
}
