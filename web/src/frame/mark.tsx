/** Two series that part and meet again. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" fill="none" strokeWidth="2.4" strokeLinecap="round" aria-hidden="true">
      <path d="M2.5 15.5c3-7 5.500-7 9-2s6 5 10-4" stroke="var(--accent)" />
      <path d="M2.500 8.500c3 7 5.500 7 9 2s6-5 10 4" stroke="var(--gain)" />
    </svg>
  )
}
