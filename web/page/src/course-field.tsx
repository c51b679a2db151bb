// Whom something new is for: a course that one teaches, or oneself alone.

/** The course among those that one teaches; while nothing is said, the first of them. */
export function chosenCourse(said: string | undefined, taught: string[]): string | undefined {
  if (said === undefined) return taught[0];
  return taught.includes(said) ? said : undefined;
}

/** `undefined`: oneself alone; there is no choice for whoever teaches nothing. */
export function CourseField({
  taught,
  value,
  onChange,
}: {
  taught: string[];
  value: string | undefined;
  onChange: (course: string) => void;
}) {
  if (taught.length === 0) return null;
  return (
    <label className="field">
      <span>For</span>
      <select name="course" value={value ?? ""} onChange={({ target }) => onChange(target.value)}>
        {taught.map((name) => (
          <option key={name} value={name}>
            The course {name}
          </option>
        ))}
        <option value="">Me alone</option>
      </select>
    </label>
  );
}
