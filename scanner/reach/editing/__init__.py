"""Changes settings files as text: comments, order and line ends stay."""
