"""From a trigger to its conditioning: looked at, surveyed, cut, warped, looped or played."""
