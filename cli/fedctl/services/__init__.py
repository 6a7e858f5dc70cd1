"""What people see of services of the clusterset: exports, imports and endpoints, as the members hold them."""
