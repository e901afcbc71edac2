/** The star of Stardrive. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" className="fill-[#4353d9]" />
      <path d="M16 5.500c.9 5.900 3.600 9.200 10.500 10.500-6.900 1.300-9.600 4.600-10.500 10.500-.9-5.900-3.600-9.200-10.500-10.500C12.400 14.700 15.100 11.400 16 5.500z" className="fill-white" />
    </svg>
  );
}
