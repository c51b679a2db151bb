// Signs on small buttons; what they mean is said beside them.

const PATHS = {
  up: "M7 21V10l5-8 1.6 1.2L12.7 9H20a2 2 0 0 1 2 2.4l-1.6 8A2 2 0 0 1 18.400 21zM3 10h2v11H3z",
  down: "M17 3v11l-5 8-1.6-1.2.9-5.8H4a2 2 0 0 1-2-2.400l1.600-8A2 2 0 0 1 5.600 3zM21 14h-2V3h2z",
  copy: "M8 8V4h12v12h-4v4H4V8zm2 0h6v6h2V6h-8z",
  again: "M12 5a7 7 0 1 0 6.700 5h-2.100A5 5 0 1 1 12 7v3l5-4-5-4z",
  edit: "M4 20l1-4L16 5l3 3L8 19zM17 4l1.500-1.500 3 3L20 7z",
  left: "M15 5l-7 7 7 7 1.500-1.500L11 12l5.500-5.500z",
  right: "M9 5l7 7-7 7-1.500-1.500L13 12 7.500 6.500z",
  close:
    "M6 4.600 12 10.600 18 4.600 19.400 6 13.400 12 19.400 18 18 19.400 12 13.400 6 19.400 4.600 18 10.600 12 4.600 6z",
  raise: "M12 5l7 7-1.500 1.500L13 9v11h-2V9l-4.500 4.500L5 12z",
  lower: "M12 19l-7-7 1.500-1.500L11 15V4h2v11l4.500-4.500L19 12z",
  plus: "M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z",
  list: "M4 6h16v2H4zm0 5h16v2H4zm0 5h16v2H4z",
  trash: "M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7z",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} fillRule="evenodd" />
    </svg>
  );
}
